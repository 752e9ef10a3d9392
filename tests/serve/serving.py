"""Where the tests' server is reached."""

OWN = "http://127.0.0.1:8642"
