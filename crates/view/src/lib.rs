//! What we show: the market conflated into one frame per refresh, per panel.
