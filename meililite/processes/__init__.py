"""The processes behind the front: how they start, how they are talked to, what they do."""
