//! Tapedeck without a screen: whatever the window can do is done here without one.

mod commands;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A DVR for the order book: hears markets, proves their books, records all and replays it.
#[derive(Debug, Parser)]
#[command(name = "tapedeck", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Replay recordings and say what was proved of each instrument.
    Verify(commands::verify::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        Command::Verify(arguments) => commands::verify::run(&arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("tapedeck: {error:#}");
        ExitCode::from(2)
    })
}
