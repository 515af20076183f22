"""What plugins of one process may share."""

seen = []
