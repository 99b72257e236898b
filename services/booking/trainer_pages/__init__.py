"""The pages of trainers: who teaches, with what, and who stands in when somebody is away."""
