"""The wiring: joins the stages, keeps what must last, and acts."""
