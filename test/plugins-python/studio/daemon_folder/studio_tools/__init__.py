"""What the studio's plugins share; it lies beside the daemon's script."""
