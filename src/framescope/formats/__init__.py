"""How files are written: encodings, lines of JSON, separated values. One reader of each for every command."""
