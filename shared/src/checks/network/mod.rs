//! The network: ports that are open to the internet, and what stands behind them.

mod evidence;
mod services;
#[cfg(test)]
mod tests;
mod weakness;

use super::checks;

checks! {
    exposed_instance: EXPOSED_INSTANCE,
    open_all_ports: OPEN_ALL_PORTS,
    open_database_port: OPEN_DATABASE_PORT,
    open_load_balancer: OPEN_LOAD_BALANCER,
    open_port: OPEN_PORT,
    open_rdp: OPEN_RDP,
    open_ssh: OPEN_SSH,
}
