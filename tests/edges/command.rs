//! The command `bandari-validator edge`, whatever the target.
