"""Operations: a file for each kind of record that acts on the books. Every function takes an actor and leaves an audit row."""
