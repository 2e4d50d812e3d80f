//! What you chose: settings, versioned and written atomically.
