//! `man`: manual pages.

use crate::args::{self, Args};
use crate::terminal;
use clap::CommandFactory;
use clap_mangen::Man;
use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Prints the page of the program, or writes it and one for each verb to a folder.
pub fn man(args: &args::Man) -> ExitCode {
    match &args.out {
        None => {
            let mut page = Vec::new();
            // `help` has no page of its own.
            let command = Args::command().disable_help_subcommand(true);
            match Man::new(command).render(&mut page) {
                Ok(()) => terminal::print(&String::from_utf8_lossy(&page)),
                Err(error) => terminal::fail(&format!("cannot write the page: {error}")),
            }
        }
        Some(folder) => match write(folder) {
            Ok(()) => {
                terminal::say(&format!("wrote manual pages to {}", folder.display()));
                ExitCode::SUCCESS
            }
            Err(error) => terminal::fail(&format!("cannot write to {}: {error}", folder.display())),
        },
    }
}

fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Args::command(), folder)
}
