"""What providers write: one module an export, which turns charge lines into its files."""
