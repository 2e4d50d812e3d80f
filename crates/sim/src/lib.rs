//! A market to try: a simulated exchange that speaks real venues' wire protocols on loopback.
