//! One question by HTTP, for those who ask whether a venue can be reached at all.

use crate::dial::Line;
use crate::patience::Patience;
use crate::proxy::ProxyConfig;
use crate::rest::Rest;
use crate::tls::Tls;

/// Asks an address once. Any answer, whatever its status, shows that the venue's HTTP side is reached; answers with
/// that status.
///
/// # Errors
/// Why there was no answer, as a sentence about `who`.
pub async fn probe_rest(
    who: &str,
    address: &str,
    proxy: Option<ProxyConfig>,
    patience: Patience,
) -> Result<u16, String> {
    let line = Line { tls: Tls::system().client_config(), proxy, patience };
    let answer = Rest::new(&line).get(address.to_owned()).await;
    answer.map(|answer| answer.exchange.status).map_err(|fault| fault.sentence(who))
}
