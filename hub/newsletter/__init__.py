"""The letter: who gets what (`select`), how it reads (`render`), how it leaves (`send`)."""
