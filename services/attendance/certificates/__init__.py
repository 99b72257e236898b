"""Certificates of attended sessions, and the answer to whoever asks whether one is genuine."""
