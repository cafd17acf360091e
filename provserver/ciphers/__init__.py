"""How phones want whole files encrypted: functions from bytes and a key to bytes, each as a `FileEncryption` too."""
