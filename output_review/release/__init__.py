"""The certificate, the BagIt directory and the package that leaves."""
