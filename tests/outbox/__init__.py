"""The outbox on the real database: claims, order, trouble, taking back, and pokes that never hold anybody up."""
