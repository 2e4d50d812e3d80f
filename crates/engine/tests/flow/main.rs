//! What holds of the loop, stated at its public surface.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod contents;
#[cfg(test)]
mod holes;
#[cfg(test)]
mod loading;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod polled;
#[cfg(test)]
mod script;
#[cfg(test)]
mod sides;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod two_links;

/// A host that neither draws nor deletes.
#[cfg(test)]
const NO_TOOLS: engine::ShelfTools =
    engine::ShelfTools { draw: |_| Ok(Vec::new()), discard: |_| Ok(()) };

/// A host that keeps no login.
#[cfg(test)]
const NO_LOGINS: engine::LoginTools = engine::LoginTools { keep: |_| Ok(()), find: |_| None };
