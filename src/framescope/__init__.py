"""Find framing in news: narratives, frames and persuasion techniques in annotated and in new articles."""
