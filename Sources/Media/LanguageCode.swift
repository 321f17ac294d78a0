// The languages that subtitles say they are in: by the codes of ISO 639-1 and 639-2, both the
// bibliographic ones (`fre`) and the terminological ones (`fra`), or by their English names. All
// of them are brought to one code, in two letters where there is one.

/// Codes of languages.
package enum LanguageCode {
    /// The code of a language that is known, whatever region or script stands behind it; nil for
    /// what is none.
    package static func known(_ text: String) -> String? {
        let code = base(text)
        return short[code] ?? names[code] ?? (codes.contains(code) ? code : nil)
    }

    /// The code of a language by what a film says of its subtitles; nil where it says none.
    ///
    /// A code that is not known is a language of its own.
    package static func said(_ text: String) -> String? {
        if let code = known(text) { return code }
        let code = base(text)
        let isCode = (2...8).contains(code.utf8.count) && code.utf8.allSatisfy { (97...122) ~= $0 }
        return isCode && !unsaid.contains(code) ? code : nil
    }

    /// The code of a language that subtitles are often in, from the end of a name that may well end
    /// in a word; nil for what is rather a word.
    package static func common(_ text: String) -> String? {
        let lowered = text.lowercased()
        guard !words.contains(lowered), let code = short[lowered] ?? known(lowered) else {
            return nil
        }
        let isCode = lowered == code || short[lowered] != nil
        return isCode && often.contains(code) ? code : nil
    }

    /// The code of a language that a folder is named after, by its code, with a region or a script
    /// behind it or without, or by its English name; nil for what is rather a word.
    package static func folder(_ name: String) -> String? {
        let parts = name.split(maxSplits: 1, omittingEmptySubsequences: false) { "-_".contains($0) }
        guard let first = parts.first else { return nil }
        if parts.count == 1, let code = names[name.lowercased()] { return code }
        let isRegion = parts.count == 1 || (2...4).contains(parts[1].utf8.count)
        return isRegion ? common(String(first)) : nil
    }

    /// A text without a region, such as `pt` of `pt-BR`.
    private static func base(_ text: String) -> String {
        String(text.lowercased().prefix { $0 != "-" && $0 != "_" })
    }

    /// Codes for what is not known, of no language or of many.
    private static let unsaid: Set<String> = ["und", "unk", "mis", "mul", "zxx", "none", "unknown"]

    /// Languages that are taken off the ends of names, and codes among theirs that are words.
    private static let often = list(
        """
        ar bg bn ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu id is it ja ko lt lv mr
        ms nb nl nn no pl pt ro ru sk sl sr sv ta te th tr uk ur vi zh
        """)
    private static let words = list("ben cat ice ind mar may per tam tel")

    /// The two letters of languages that have them, behind their three.
    private static let short = Dictionary(
        list(
            """
            aaraa abkab afraf akaak albsq amham araar argan armhy asmas avaav aveae aymay azeaz
            bakba bambm baqeu belbe benbn bihbh bisbi bodbo bosbs brebr bulbg burmy catca cescs
            chach chece chizh chucu chvcv corkw cosco crecr cymcy czecs danda deude divdv dutnl
            dzodz ellel engen epoeo estet euseu eweee faofo fasfa fijfj finfi frafr frefr fryfy
            fulff geoka gerde glagd glega glggl glvgv greel grngn gujgu hatht hauha hebhe herhz
            hinhi hmoho hrvhr hunhu hyehy iboig iceis idoio iiiii ikuiu ileie inaia indid ipkik
            islis itait javjv jpnja kalkl kankn kasks katka kaukr kazkk khmkm kikki kinrw kirky
            komkv konkg korko kuakj kurku laolo latla lavlv limli linln litlt ltzlb lublu luglg
            macmk mahmh malml maomi marmr mayms mkdmk mlgmg mltmt molro monmn mrimi msams myamy
            nauna navnv nblnr ndend ndong nepne nldnl nnonn nobnb norno nyany ocioc ojioj orior
            ormom ossos panpa perfa plipi polpl porpt pusps quequ rohrm ronro rumro runrn rusru
            sagsg sansa sccsr scrhr sinsi slksk slosk slvsl smese smosm snasn sndsd somso sotst
            spaes sqisq srdsc srpsr sswss sunsu swasw swesv tahty tamta tattt telte tgktg tgltl
            thath tibbo tirti tonto tsntn tsots tuktk turtr twitw uigug ukruk urdur uzbuz venve
            vievi volvo welcy wlnwa wolwo xhoxh yidyi yoryo zhaza zhozh zulzu
            """
        ).map { (String($0.prefix(3)), String($0.dropFirst(3))) },
        uniquingKeysWith: { one, _ in one })

    /// All codes that languages are brought to.
    private static let codes = Set(short.values).union(
        list(
            """
            ace ach ada ady afa afh ain akk ale alg alt ang anp apa arc arn arp art arw ast ath aus
            awa bad bai bal ban bas bat bej bem ber bho bik bin bla bnt bra btk bua bug byn cad cai
            car cau ceb cel chb chg chk chm chn cho chp chr chy cmc cnr cop cpe cpf cpp crh crp csb
            cus dak dar day del den dgr din doi dra dsb dua dum dyu efi egy eka elx enm ewo fan fat
            fil fiu fon frm fro frr frs fur gaa gay gba gem gez gil gmh goh gon gor got grb grc gsw
            gwi hai haw hil him hit hmn hsb hup iba ijo ilo inc ine inh ira iro jbo jpr jrb kaa kab
            kac kam kar kaw kbd kha khi kho kmb kok kos kpe krc krl kro kru kum kut lad lah lam lez
            lol loz lua lui lun luo lus mad mag mai mak man map mas mdf mdr men mga mic min mkh mnc
            mni mno moh mos mun mus mwl mwr myn myv nah nai nap nds new nia nic niu nog non nqo nso
            nub nwc nym nyn nyo nzi osa ota oto paa pag pal pam pap pau peo phi phn pon pra pro raj
            rap rar roa rom rup sad sah sai sal sam sas sat scn sco sel sem sga sgn shn sid sio sit
            sla sma smi smj smn sms snk sog son srn srr ssa suk sus sux syc syr tai tem ter tet tig
            tiv tkl tlh tli tmh tog tpi tsi tum tup tut tvl tyv udm uga umb vai vot wak wal war was
            wen xal yao yap ypk zap zbl zen zgh znd zun zza
            """))

    /// Languages by their English names.
    private static let names = Dictionary(
        list(
            """
            arabic:ar bulgarian:bg catalan:ca chinese:zh croatian:hr czech:cs danish:da dutch:nl
            english:en estonian:et finnish:fi french:fr german:de greek:el hebrew:he hindi:hi
            hungarian:hu icelandic:is indonesian:id italian:it japanese:ja korean:ko latvian:lv
            lithuanian:lt malay:ms norwegian:no persian:fa polish:pl portuguese:pt romanian:ro
            russian:ru serbian:sr slovak:sk slovenian:sl spanish:es swedish:sv thai:th turkish:tr
            ukrainian:uk vietnamese:vi
            """
        ).map { (String($0.dropLast(3)), String($0.suffix(2))) },
        uniquingKeysWith: { one, _ in one })

    private static func list(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }
}
