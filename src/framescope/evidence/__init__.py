"""Why a label has its margin: contributions, and the passages that carry a label."""
