"""What lies in files beside the store: firmware and its kin, uploads."""
