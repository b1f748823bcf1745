"""What the portal tells machines about itself."""
