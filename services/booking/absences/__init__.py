"""Absent trainers: who teaches their sessions instead, or what becomes of these."""
