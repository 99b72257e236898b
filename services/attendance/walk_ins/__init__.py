"""Who came without a registration: attendance keeps that they came; who they are is booking's to know."""
