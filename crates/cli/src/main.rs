//! Tapedeck without a screen: whatever the window can do is done here without one.

#![deny(clippy::print_stdout, clippy::print_stderr)]

mod commands;
mod instruments;
mod moment_arguments;
mod out;
mod progress;
mod proxy_arguments;
mod venue_arguments;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use journal::Journal;
use settings::Folders;

use crate::out::complain;

/// Exit code of a command that could not be carried out.
const FAILED: u8 = 2;

/// A DVR for the order book: hears markets, proves their books, records all and replays it.
#[derive(Debug, Parser)]
#[command(name = "tapedeck", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(commands::check::Arguments),
    Import(commands::import::Arguments),
    Info(commands::info::Arguments),
    Ls(commands::ls::Arguments),
    Merge(commands::merge::Arguments),
    Plot(commands::plot::Arguments),
    Record(commands::record::Arguments),
    Replay(commands::replay::Arguments),
    Serve(commands::serve::Arguments),
    Sim(commands::sim::Arguments),
    Trim(commands::trim::Arguments),
    Verify(commands::verify::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = run(arguments.command).unwrap_or_else(|error| {
        complain!("tapedeck: {}", sentence(&error));
        ExitCode::from(FAILED)
    });
    let Some(error) = out::failure() else { return ended };
    complain!("tapedeck: what was found could not be printed: {error}");
    ExitCode::from(FAILED)
}

/// An error and its causes, each said once: many sentences tell their cause themselves.
fn sentence(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| {
        match (said.is_empty(), said.contains(&cause)) {
            (true, _) => cause,
            (false, true) => said,
            (false, false) => format!("{said}: {cause}"),
        }
    })
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Import(arguments) => commands::import::run(&arguments),
        Command::Info(arguments) => commands::info::run(&arguments),
        Command::Ls(arguments) => commands::ls::run(&arguments),
        Command::Merge(arguments) => commands::merge::run(&arguments),
        Command::Plot(arguments) => commands::plot::run(&arguments),
        Command::Replay(arguments) => commands::replay::run(&arguments),
        Command::Trim(arguments) => commands::trim::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Check(arguments) => with_network(commands::check::run(&arguments)),
        Command::Record(arguments) => with_network(commands::record::run(&arguments)),
        Command::Serve(arguments) => with_network(commands::serve::run(&arguments)),
        Command::Sim(arguments) => with_network(commands::sim::run(&arguments)),
    }
}

/// Runs a command that speaks with others: on a runtime, and with a log.
fn with_network(command: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let opened = Folders::of_this_user().map(|folders| Journal::open(&folders.logs, "tapedeck"));
    // Without a log it works all the same, and the user knows.
    let _journal = match opened {
        Ok(Ok(journal)) => Some(journal),
        Ok(Err(error)) => {
            complain!("tapedeck: {error}");
            None
        }
        Err(error) => {
            complain!("tapedeck: {error}");
            None
        }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the program's threads could not be started")?;
    runtime.block_on(command)
}
