"""The phone listener over real sockets: what it answers, what it never says, and what the store holds afterwards."""
