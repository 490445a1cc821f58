"""Cases that last: drafts, signed versions, orders, the audit trail, the sound beside them."""
