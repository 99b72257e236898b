"""What `kursnav doctor` looks at; each module asks one part and answers findings."""
