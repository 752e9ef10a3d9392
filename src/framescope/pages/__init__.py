"""Self-contained HTML pages: view models without HTML, and the templates that show them."""
