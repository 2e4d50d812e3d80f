//! Links against scripted venues on loopback: each test plays the venue itself, over a real socket.

#[cfg(test)]
mod blocked;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod closing;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod posts;
#[cfg(test)]
mod proxies;
#[cfg(test)]
mod proxies_sealed;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod rest;
#[cfg(test)]
mod socketio;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod talking;
