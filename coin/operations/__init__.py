"""Operations: a file for each kind of record that changes the books. Every operation has an actor and writes an audit
row."""
