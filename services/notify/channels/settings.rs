//! The file of providers: each entry is read as its kind demands, so that a wrong key is found where it stands.
//! Which kinds there are is said here and nowhere else.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Error, MapAccess, Visitor};

use super::super::sender::Sender;
use super::{Around, ntfy, pagerduty, slack, smtp, teams, telegram, twilio, webhook};

/// The entries by their names, not yet understood as senders.
#[derive(Debug, Default)]
pub(in super::super) struct Entries(BTreeMap<String, Settings>);

#[derive(Debug)]
enum Settings {
    Console,
    Webhook(webhook::Settings),
    Smtp(smtp::Settings),
    Ntfy(ntfy::Settings),
    Slack(slack::Settings),
    Teams(teams::Settings),
    Telegram(telegram::Settings),
    Twilio(twilio::Settings),
    Pagerduty(pagerduty::Settings),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

const KINDS: &str = "webhook, smtp, ntfy, slack, teams, telegram, twilio, pagerduty or console";

impl Settings {
    fn read<'de, A: MapAccess<'de>>(kind: &str, map: &mut A) -> Result<Settings, A::Error> {
        Ok(match kind {
            "console" => map.next_value::<Nothing>().map(|_| Settings::Console)?,
            "webhook" => Settings::Webhook(map.next_value()?),
            "smtp" => Settings::Smtp(map.next_value()?),
            "ntfy" => Settings::Ntfy(map.next_value()?),
            "slack" => Settings::Slack(map.next_value()?),
            "teams" => Settings::Teams(map.next_value()?),
            "telegram" => Settings::Telegram(map.next_value()?),
            "twilio" => Settings::Twilio(map.next_value()?),
            "pagerduty" => Settings::Pagerduty(map.next_value()?),
            _ => return Err(A::Error::custom(format!("its name does not begin with {KINDS} and a slash"))),
        })
    }

    fn sender(self, around: &Around) -> Result<Sender, String> {
        Ok(match self {
            Settings::Console => Sender::Console,
            Settings::Webhook(settings) => Sender::Webhook(super::Webhook::new(settings, around)?),
            Settings::Smtp(settings) => Sender::Smtp(Box::new(super::Smtp::new(settings, around)?)),
            Settings::Ntfy(settings) => Sender::Ntfy(super::Ntfy::new(settings, around)?),
            Settings::Slack(settings) => Sender::Slack(super::Slack::new(settings, around)?),
            Settings::Teams(settings) => Sender::Teams(super::Teams::new(settings, around)?),
            Settings::Telegram(settings) => Sender::Telegram(super::Telegram::new(settings, around)?),
            Settings::Twilio(settings) => Sender::Twilio(super::Twilio::new(settings, around)?),
            Settings::Pagerduty(settings) => Sender::Pagerduty(super::Pagerduty::new(settings, around)?),
        })
    }
}

impl Entries {
    /// Each entry as a sender, or what is wrong with it.
    pub(in super::super) fn senders(
        self,
        around: &Around,
    ) -> impl Iterator<Item = (String, Result<Sender, String>)> {
        self.0.into_iter().map(|(name, settings)| (name, settings.sender(around)))
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Entries, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Entries;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("providers by their names, such as webhook/pusher")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            let kind = name.split_once('/').map_or("", |(kind, _)| kind);
            let settings = Settings::read(kind, &mut map)
                .map_err(|error| A::Error::custom(format!("provider {name}: {error}")))?;
            entries.insert(name, settings);
        }
        Ok(Entries(entries))
    }
}
