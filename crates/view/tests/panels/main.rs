//! What the panels show, seen through the public surface and through the bytes of frames.

#[cfg(test)]
mod decoder;
#[cfg(test)]
mod digest;
#[cfg(test)]
mod fine;
#[cfg(test)]
mod follow;
#[cfg(test)]
mod frames;
mod gaps;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod heatmap;
#[cfg(test)]
mod ladder;
#[cfg(test)]
mod liquidations;
mod look_back;
#[cfg(test)]
mod past;
#[cfg(test)]
mod script;
