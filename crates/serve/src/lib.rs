//! A screen elsewhere: the UI and its frames for a browser on loopback.
