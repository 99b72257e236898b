"""The mechanisms behind README's promises, taken out one by one: `make mutants`.

Each mutant is a change by hand that removes one mechanism. The tests that README names for the promise must then turn
red; a mutant that no test notices is a promise that nothing holds.
"""
