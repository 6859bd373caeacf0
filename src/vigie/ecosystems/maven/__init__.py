"""Maven: the packages of Java."""
