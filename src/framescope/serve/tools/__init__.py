"""What annotation tools ask of a model: Label Studio's ML backend with retraining, doccano's auto-labelling."""
