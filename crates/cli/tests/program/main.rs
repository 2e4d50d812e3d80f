//! The program as whoever starts it has it: what it prints, what it writes, and how it ends.

mod bookmarks;
mod in_step;
mod running;
mod terminal;
