"""What comes to the lake: from topics, from recorded files and from downloads."""
