"""What the company itself puts down: rates, contracts, owners, metering, invoices and the rest."""
