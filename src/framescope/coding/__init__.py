"""The coding loop: how well coders agree, what to code next, and what goes to and from annotation tools."""
