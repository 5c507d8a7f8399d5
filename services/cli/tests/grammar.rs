//! The grammar of the command line by itself.

use clap::{CommandFactory, Parser};

use crate::cli::{Cli, Format};

#[test]
fn the_grammar_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_subcommand_explains_itself() {
    fn check(command: &clap::Command, path: &str) {
        for sub in command.get_subcommands() {
            let path = format!("{path} {}", sub.get_name());
            assert!(sub.get_about().is_some(), "{path} has no help");
            check(sub, &path);
        }
    }
    check(&Cli::command(), "stentor");
}

#[test]
fn global_flags_may_stand_after_the_subcommand() {
    let line = ["stentor", "incident", "list", "--json", "--as", "ana", "--timeout", "2s"];

    let cli = Cli::try_parse_from(line).unwrap();

    assert_eq!(cli.global.format(), Format::Json);
    assert_eq!(cli.global.actor.as_deref(), Some("people/ana"));
    assert_eq!(cli.global.timeout.as_secs(), 2);
}

#[test]
fn wrong_use_ends_with_2() {
    let error = Cli::try_parse_from(["stentor", "incident", "ack", "services/shop"]).unwrap_err();

    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("INC-42"), "{error}");
}

#[test]
fn words_of_the_api_are_offered_and_others_refused() {
    let line = |reason| ["stentor", "incident", "hold", "42", "--reason", reason];

    assert!(Cli::try_parse_from(line("awaiting-vendor")).is_ok());
    let error = Cli::try_parse_from(line("lunch")).unwrap_err();
    assert!(error.to_string().contains("awaiting-reporter"), "{error}");
}

#[test]
fn a_key_cannot_be_given_as_a_flag() {
    let has_flag = Cli::command().get_arguments().any(|flag| flag.get_long() == Some("key"));

    assert!(!has_flag);
}
