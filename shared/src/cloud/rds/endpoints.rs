//! Where an instance answers.

use serde::{Deserialize, Serialize};

use super::api;
use crate::cloud::wire::{Rows, text};
use crate::openapi::{Action, Api};

/// The endpoints of an instance itself, and of its older read/write splitting.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBInstanceNetInfo<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeDBInstanceNetInfo<'_> {
    const API: Api = api("DescribeDBInstanceNetInfo").needs("rds:DescribeDBInstanceNetInfo");
    type Response = Network;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Network {
    /// `normal`, or `safety`: whitelists are then kept apart by network.
    #[serde(rename = "SecurityIPMode")]
    pub whitelist_mode: Option<String>,
    #[serde(rename = "DBInstanceNetInfos")]
    addresses: Rows<NetInfo>,
}

impl Network {
    /// Its addresses.
    pub fn addresses(&self) -> &[NetInfo] {
        &self.addresses.0
    }
}

/// One address.
#[derive(Debug, Clone, Deserialize)]
pub struct NetInfo {
    /// The host name.
    #[serde(rename = "ConnectionString")]
    pub host: String,
    /// The port.
    #[serde(rename = "Port", default, deserialize_with = "text")]
    pub port: String,
    /// `Public`, `Private` (VPC), `Inner` (classic network).
    #[serde(rename = "IPType")]
    pub network: String,
    /// Where Babelfish answers at the same host, if it does (RDS PostgreSQL).
    #[serde(rename = "BabelfishPort", default, deserialize_with = "text")]
    pub babelfish_port: String,
    /// Where PgBouncer answers at the same host, if it does (RDS PostgreSQL).
    #[serde(rename = "PGBouncerPort", default, deserialize_with = "text")]
    pub pg_bouncer_port: String,
}

impl NetInfo {
    /// Every port at which it answers.
    pub fn ports(&self) -> impl Iterator<Item = &str> {
        let more = [self.babelfish_port.as_str(), self.pg_bouncer_port.as_str()];
        let more = more.into_iter().filter(|port| !port.is_empty() && *port != "0" && *port != self.port);
        std::iter::once(self.port.as_str()).chain(more)
    }
}

/// The endpoints of an instance of the cluster series, which may have several for reading.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBInstanceEndpoints<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeDBInstanceEndpoints<'_> {
    const API: Api = api("DescribeDBInstanceEndpoints").needs("rds:DescribeDBInstanceEndpoints");
    type Response = ClusterEndpoints;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterEndpoints {
    data: ClusterData,
}

#[derive(Debug, Clone, Deserialize)]
struct ClusterData {
    #[serde(rename = "DBInstanceEndpoints")]
    endpoints: Rows<ClusterEndpoint>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClusterEndpoint {
    address_items: Rows<ClusterAddress>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ClusterAddress {
    connection_string: String,
    #[serde(default, deserialize_with = "text")]
    port: String,
    ip_type: String,
}

impl ClusterEndpoints {
    /// Host, port and network (`Public`, `Private`) of each address.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let addresses = self.data.endpoints.0.iter().flat_map(|endpoint| &endpoint.address_items.0);
        addresses.map(|address| {
            (address.connection_string.as_str(), address.port.as_str(), address.ip_type.as_str())
        })
    }
}

/// The database proxy of a primary instance (MySQL, PostgreSQL).
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBProxy<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
}

impl Action for DescribeDBProxy<'_> {
    const API: Api = api("DescribeDBProxy").needs("rds:DescribeDBProxy");
    type Response = Proxy;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Proxy {
    /// `Startup` or `Shutdown`.
    #[serde(rename = "DBProxyServiceStatus")]
    pub status: String,
    #[serde(rename = "DBProxyConnectStringItems")]
    addresses: Option<Rows<ProxyAddress>>,
    #[serde(rename = "DbProxyEndpointItems")]
    endpoints: Option<Rows<ProxyEndpointName>>,
}

/// An address of the proxy, as the proxy itself tells it.
#[derive(Debug, Clone, Deserialize)]
pub struct ProxyAddress {
    /// The host name.
    #[serde(rename = "DBProxyConnectString")]
    pub host: String,
    /// The port.
    #[serde(rename = "DBProxyConnectStringPort", default, deserialize_with = "text")]
    pub port: String,
    /// `OuterString` (internet) or `InnerString`.
    #[serde(rename = "DBProxyConnectStringNetType")]
    pub network: String,
}

#[derive(Debug, Clone, Deserialize)]
struct ProxyEndpointName {
    #[serde(rename = "DbProxyEndpointName")]
    name: String,
}

impl Proxy {
    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        !self.status.eq_ignore_ascii_case("Shutdown")
    }

    /// The addresses that it tells.
    pub fn addresses(&self) -> &[ProxyAddress] {
        self.addresses.as_ref().map_or(&[], |rows| &rows.0)
    }

    /// The names of its endpoints, each of which may have addresses of its own; `None` when the answer does not list them.
    pub fn endpoints(&self) -> Option<Vec<&str>> {
        Some(self.endpoints.as_ref()?.0.iter().map(|endpoint| endpoint.name.as_str()).collect())
    }
}

/// One endpoint of the proxy.
#[derive(Debug, Clone, Serialize)]
pub struct DescribeDBProxyEndpoint<'a> {
    /// The instance.
    #[serde(rename = "DBInstanceId")]
    pub instance: &'a str,
    /// The endpoint's name.
    #[serde(rename = "DBProxyEndpointId")]
    pub endpoint: &'a str,
}

impl Action for DescribeDBProxyEndpoint<'_> {
    const API: Api = api("DescribeDBProxyEndpoint").needs("rds:DescribeDBProxyEndpoint");
    type Response = ProxyEndpoint;
}

/// The answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ProxyEndpoint {
    endpoint_connect_items: Rows<ProxyConnection>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProxyConnection {
    db_proxy_endpoint_connect_string: String,
    #[serde(default, deserialize_with = "text")]
    db_proxy_endpoint_port: String,
    #[serde(deserialize_with = "text")]
    db_proxy_endpoint_net_type: String,
}

impl ProxyEndpoint {
    /// Host, port and network of each address: 0 is the internet, 1 the classic network, 2 a VPC.
    pub fn addresses(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.endpoint_connect_items.0.iter().map(|item| {
            (
                item.db_proxy_endpoint_connect_string.as_str(),
                item.db_proxy_endpoint_port.as_str(),
                item.db_proxy_endpoint_net_type.as_str(),
            )
        })
    }
}
