"""Makers whose redirection no program can use, as far as is known: what a person does there with MACs and URLs."""

from __future__ import annotations

# That a maker has no public call means: none was found in its documents, nor in any client (M, whatever else is said).
STEPS = {
    "cisco": "Enter each MAC with its URL as profile rule in the Customer Device Activation portal (EDOS/RC), or order "
    "the phones with it (H).",
    "mitel": "Enter each MAC with its URL in the Redirection and Configuration Service (RCS) (M).",
    "audiocodes": "Have AudioCodes or its Device Manager enter the MACs with their URLs at its redirect server (M).",
    "algo": "Have Algo's support or ADMP enter the MACs with their URLs for ZTP (M).",
    "twon": "Add each device in My2N by its serial number, and set its provisioning URL there (L).",
    "vtech": "Ask VTech or the reseller to enter the MACs with their URLs at its redirection server (M).",
    "obihai": "Enter each device with its URL in the ObiTALK or Poly zero-touch portal, by MAC or OBi number (L).",
    "draytek": "Add each router in VigorACS, which configures it by TR-069 itself and takes no URL of ours (L).",
    "polycom": "Enter each MAC with its URL in Poly Lens or the zero-touch portal; the older ZTP has a call (M).",
}
