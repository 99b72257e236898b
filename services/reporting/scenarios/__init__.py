"""What the training centre would cost each member, if only some stay."""
