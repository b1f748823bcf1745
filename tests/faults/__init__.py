"""What the world does to a portal that delivers: processes are killed, stopped and restarted, and disks are full."""
