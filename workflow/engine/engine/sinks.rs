//! The sinks of the event stream through the door: begun once, asked about, and resumed.

use std::sync::Arc;

use stentor_core::time::Timestamp;

use super::Engine;
use crate::error::Error;
use crate::sink::{self, Sink, SinkStatus, position};
use crate::store::rows::{Head, SinkRow};

impl Engine {
    /// Begins to bring the feed to these sinks. A new one begins where it says; every other goes on where it was.
    ///
    /// # Errors
    /// What the store says.
    pub async fn export(&self, sinks: Vec<Arc<dyn Sink>>) -> Result<(), Error> {
        let heads = self.heads().await?;
        for sink in &sinks {
            let positions = sink::positions(&heads, sink.start());
            self.shared.store.add_sink(sink.name().to_owned(), positions).await?;
        }
        for sink in sinks {
            self.shared.spawn(sink::run(Arc::clone(&self.shared), sink));
        }
        Ok(())
    }

    /// All sinks that the store knows, by name, those of other replicas and of former settings included.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sinks(&self) -> Result<Vec<SinkStatus>, Error> {
        let rows = self.shared.store.sinks().await?;
        // After the rows, so that none of them lies beyond its head.
        let heads = self.heads().await?;
        let mut found = Vec::new();
        for row in rows {
            found.push(self.status(row, &heads).await?);
        }
        Ok(found)
    }

    /// Lets a sink that is disabled or waits after a failure go on at once, from where the feed still has it. One that
    /// does neither stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], or what the store says.
    pub async fn resume_sink(&self, name: &str) -> Result<SinkStatus, Error> {
        let heads = self.heads().await?;
        let row = self.sink(name).await?;
        if self.shared.store.resume_sink(name.to_owned(), sink::within(&heads, &row.positions)).await? {
            tracing::info!(sink = name, "the sink was resumed");
        }
        let row = self.sink(name).await?;
        self.status(row, &self.heads().await?).await
    }

    /// Forgets a sink and its position, unless a server drives it: the sink as it still is then.
    ///
    /// # Errors
    /// [`Error::NotFound`], or what the store says.
    pub async fn forget_sink(&self, name: &str) -> Result<Option<SinkRow>, Error> {
        let row = self.sink(name).await?;
        let gone = self.shared.store.forget_sink(name.to_owned()).await?;
        Ok((!gone).then_some(row))
    }

    async fn sink(&self, name: &str) -> Result<SinkRow, Error> {
        let rows = self.shared.store.sinks().await?;
        rows.into_iter().find(|row| row.name == name).ok_or_else(|| Error::NotFound(format!("sinks/{name}")))
    }

    async fn status(&self, row: SinkRow, heads: &[Head]) -> Result<SinkStatus, Error> {
        let (mut behind, mut oldest) = (0, None::<Timestamp>);
        for head in heads {
            let at = position(&row.positions, head.partition).max(head.trimmed);
            if at < head.head {
                behind += head.head - at;
                let next = self.shared.store.feed(head.partition, at, head.head, 1).await?;
                let next = next.first().map(|row| Timestamp(row.at));
                oldest = [oldest, next].into_iter().flatten().min();
            }
        }
        Ok(SinkStatus { row, behind, oldest })
    }
}
