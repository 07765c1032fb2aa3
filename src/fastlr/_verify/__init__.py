"""What ``fastlr verify`` proves on the machine it runs on; the tests use the same oracles."""
