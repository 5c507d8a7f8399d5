//! `stentor migrate`: brings the schema to what this binary knows, and says what it did.
//! The statements themselves live in the store.

use std::path::Path;

use stentor_engine::store::{self, DatabaseUrl, MigrateReport};

use crate::cli::args::StoreArgs;

/// Name of the embedded database inside the data folder.
const DATABASE_FILE: &str = "stentor.db";

/// The database cannot be found or migrated.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the database address in {path} cannot be read: {source}", path = path.display())]
    File { path: std::path::PathBuf, source: std::io::Error },
    #[error("the data folder {path} cannot be made: {source}", path = path.display())]
    Folder { path: std::path::PathBuf, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Migrates the database that the flags name.
pub async fn run(args: &StoreArgs) -> Result<MigrateReport, DatabaseError> {
    let database: DatabaseUrl = address(args)?.parse()?;
    Ok(store::migrate(&database).await?)
}

/// The database's address: as given, or the embedded one in the data folder, which is made if it is missing.
pub fn address(args: &StoreArgs) -> Result<String, DatabaseError> {
    if let Some(address) = &args.database {
        return Ok(address.clone());
    }
    if let Some(path) = &args.database_file {
        let text = std::fs::read_to_string(path)
            .map_err(|source| DatabaseError::File { path: path.clone(), source })?;
        return Ok(text.trim().to_owned());
    }
    make_folder(&args.data).map_err(|source| DatabaseError::Folder { path: args.data.clone(), source })?;
    Ok(format!("sqlite:{}", args.data.join(DATABASE_FILE).display()))
}

/// Only the server's own user may look into its data.
fn make_folder(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_address_the_database_lies_in_the_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let args = StoreArgs { data: folder.path().join("new"), database: None, database_file: None };
        assert!(address(&args).unwrap().ends_with("/new/stentor.db"));
        assert!(args.data.is_dir());
    }

    #[test]
    fn an_address_in_a_file_is_read_without_its_line_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://ops@db/stentor\n").unwrap();
        let args = StoreArgs { data: folder.path().into(), database: None, database_file: Some(file) };
        assert_eq!(address(&args).unwrap(), "postgres://ops@db/stentor");
    }
}
