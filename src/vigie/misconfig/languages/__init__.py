"""How configuration is written: one folder per language, from bytes to blocks with positions."""
